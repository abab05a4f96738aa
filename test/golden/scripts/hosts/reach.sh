
reach() {
  local reply; reply=$(LC_ALL=C timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1); local code=$?
  if [ $code = 0 ]; then echo "reach=$1 $2 open"
  elif [[ $reply == *refused* ]]; then echo "reach=$1 $2 refused"
  else echo "reach=$1 $2 filtered"; fi
}
reach 192.0.2.10 30722 &
wait


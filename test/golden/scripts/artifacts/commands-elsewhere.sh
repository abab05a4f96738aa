
for name in 'helm' 'nats'; do
  found=$(type -P "$name") || continue
  [ "$found" = /usr/local/bin/"$name" ] || echo "$name"
done
true


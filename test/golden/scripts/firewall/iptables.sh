sudo iptables -I INPUT -p tcp --dport 22 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.20 -p tcp --dport 6443 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.30 -p tcp --dport 6443 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.20 -p tcp --dport 30143 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.30 -p tcp --dport 30143 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.20 -p tcp --dport 30191 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 192.0.2.30 -p tcp --dport 30191 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -p tcp --dport 30422 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 10.42.0.0/16 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I FORWARD -s 10.42.0.0/16 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I INPUT -s 10.43.0.0/16 -m comment --comment leafspan:plant-7 -j ACCEPT
sudo iptables -I FORWARD -s 10.43.0.0/16 -m comment --comment leafspan:plant-7 -j ACCEPT

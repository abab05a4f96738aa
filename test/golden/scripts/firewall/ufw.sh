sudo ufw allow proto tcp from any to any port 22 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.20 to any port 6443 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.30 to any port 6443 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.20 to any port 30143 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.30 to any port 30143 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.20 to any port 30191 comment leafspan:plant-7
sudo ufw allow proto tcp from 192.0.2.30 to any port 30191 comment leafspan:plant-7
sudo ufw allow proto tcp from any to any port 30422 comment leafspan:plant-7
sudo ufw allow from 10.42.0.0/16 comment leafspan:plant-7
sudo ufw route allow from 10.42.0.0/16 comment leafspan:plant-7
sudo ufw allow from 10.43.0.0/16 comment leafspan:plant-7
sudo ufw route allow from 10.43.0.0/16 comment leafspan:plant-7

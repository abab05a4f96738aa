module leafspan.test/nginx

go 1.26

require leafspan.test/kube v0.0.0

replace leafspan.test/kube => ../kube

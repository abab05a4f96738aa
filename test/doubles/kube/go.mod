module leafspan.test/kube

go 1.26

module leafspan.test/linkerd

go 1.26

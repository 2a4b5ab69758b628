# The Debian packages of Go libraries that a spec needs, by what the Go tool says in the build root
godeps_SRCS := $(wildcard toolkit/godeps/*.c)
godeps_DEPS := base text source debian builder
godeps_PKGS := jansson
godeps_TESTS := $(call tests,godeps)

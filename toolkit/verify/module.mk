# From the bytes of an image back to the sources, link by link
verify_SRCS := $(wildcard toolkit/verify/*.c)
verify_DEPS := base tree binary text store rpm spec seed partition config payload system image inspect
verify_PKGS :=
verify_TESTS := $(call tests,verify)

# The files of the packages of an image, and its rpm database
payload_SRCS := $(wildcard toolkit/payload/*.c)
payload_DEPS := base tree store rpm scriptlet system closure
payload_PKGS :=
payload_TESTS := $(call tests,payload)

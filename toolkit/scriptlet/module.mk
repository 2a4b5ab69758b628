# Scriptlets of packages: what they are, which of them an image can do without, and empty ones taken out of built RPMs
scriptlet_SRCS := $(wildcard toolkit/scriptlet/*.c)
scriptlet_DEPS := base store rpm
scriptlet_PKGS := rpm
scriptlet_TESTS := $(call tests,scriptlet)

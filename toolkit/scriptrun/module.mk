# Scriptlets of others' packages, and scripts of configurations, run in a root made of the image's own files
scriptrun_SRCS := $(wildcard toolkit/scriptrun/*.c)
scriptrun_DEPS := base tree scriptlet sandbox closure payload
scriptrun_PKGS := rpm
scriptrun_TESTS := $(call tests,scriptrun)

# Builds again and compares, under other conditions than those of the first time
reproduce_SRCS := $(wildcard toolkit/reproduce/*.c)
reproduce_DEPS := base rpm sandbox builder
reproduce_PKGS :=
reproduce_TESTS := $(call tests,reproduce)
# What is compiled in the sandbox is part of the program as text.
$(O)/reproduce/elsewhere.o: toolkit/reproduce/inside/preload.c

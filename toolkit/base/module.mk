# Errors, memory, strings, files, processes, threads, hashes, options, the clock, progress: what knows nothing of Hull
base_SRCS := $(wildcard toolkit/base/*.c)
base_DEPS :=
base_PKGS := libcrypto
base_TESTS := $(call tests,base)

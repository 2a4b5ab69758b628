text_SRCS := $(wildcard toolkit/text/*.c)
text_DEPS := base
text_PKGS := jansson
text_TESTS := $(call tests,text)

# Forms of text: JSON with line and column, GUIDs, UTF-16, what can be shown without harm
text_SRCS := $(wildcard toolkit/text/*.c)
text_DEPS := base
text_PKGS := jansson
text_TESTS := $(call tests,text)

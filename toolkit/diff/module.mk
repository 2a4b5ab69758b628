# Two images side by side
diff_SRCS := $(wildcard toolkit/diff/*.c)
diff_DEPS := base tree text system inspect
diff_PKGS :=
diff_TESTS := $(call tests,diff)

audit_SRCS := $(wildcard toolkit/audit/*.c)
audit_DEPS := base rpm source graph sandbox solve repo disk build image
audit_PKGS := expat
audit_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_audit*.c))
# The files of the HTML report are part of the program.
$(O)/audit/report_asset.o: $(wildcard toolkit/audit/report/*)

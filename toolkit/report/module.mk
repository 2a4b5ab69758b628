# The audit as one HTML file
report_SRCS := $(wildcard toolkit/report/*.c)
report_DEPS := base store finding closure inspect diff sbom
report_PKGS := libcrypto
report_TESTS := $(call tests,report)
# The files of the HTML report are part of the program.
$(O)/report/report_asset.o: $(wildcard toolkit/report/page/*)

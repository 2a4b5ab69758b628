// SPDX-License-Identifier: MIT
#include "report/report_asset.h"

/* The assembler reads them; module.mk makes this file depend on them. */
#define PART(name) ".incbin \"toolkit/report/page/" name "\"\n"
#define ASSET(name, files)                                                                         \
	__asm__(".pushsection .rodata\n"                                                           \
		"hull_asset_" #name ":\n" files "hull_asset_" #name "_end:\n"                      \
		".popsection\n");                                                                  \
	extern const char hull_asset_##name[] __attribute__((visibility("hidden"))),               \
		hull_asset_##name##_end[] __attribute__((visibility("hidden")));                   \
	struct hull_report_asset hull_report_##name(void)                                          \
	{                                                                                          \
		return (struct hull_report_asset){                                                 \
			hull_asset_##name, (size_t)(hull_asset_##name##_end - hull_asset_##name)}; \
	}

ASSET(frame, PART("template.html"))
ASSET(style, PART("style.css"))
ASSET(script, PART("page.js") PART("tables.js") PART("map.js") PART("package.js"))

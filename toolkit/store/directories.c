// SPDX-License-Identifier: MIT
#include "store/directories.h"

const struct hull_directory_rule hull_directories[] = {
	[HULL_DIRECTORY_SOURCES] = {"sources", HULL_KEEP_NAMED, HULL_DIRECTORY_SOURCES, true},
	[HULL_DIRECTORY_RPMS] = {"rpms", HULL_KEEP_NAMED, HULL_DIRECTORY_RPMS, true},
	[HULL_DIRECTORY_UNPACKED] = {"unpacked", HULL_KEEP_NAMED, HULL_DIRECTORY_RPMS, true},
	[HULL_DIRECTORY_HEADERS] = {"headers", HULL_KEEP_NAMED, HULL_DIRECTORY_RPMS, true},
	[HULL_DIRECTORY_SPECS] = {"specs", .keep = HULL_KEEP_RECENT, .counted = true},
	[HULL_DIRECTORY_BUILDS] = {"builds", .keep = HULL_KEEP_APART, .counted = true},
	[HULL_DIRECTORY_MACROS] = {"macros", HULL_KEEP_NAMED, HULL_DIRECTORY_MACROS, true},
	[HULL_DIRECTORY_LOGS] = {"logs", HULL_KEEP_NAMED, HULL_DIRECTORY_LOGS, true},
	[HULL_DIRECTORY_SEEDS] = {"seeds", HULL_KEEP_NAMED, HULL_DIRECTORY_SEEDS, true},
	[HULL_DIRECTORY_INDEXES] = {"indexes", .keep = HULL_KEEP_RECENT, .counted = true},
	[HULL_DIRECTORY_PARTIAL] = {"partial", .keep = HULL_KEEP_FOR_NOW, .counted = true},
	[HULL_DIRECTORY_STAMPS] = {"stamps", .keep = HULL_KEEP_RECENT},
	[HULL_DIRECTORY_LATEST] = {"latest", .keep = HULL_KEEP_APART},
	[HULL_DIRECTORY_REPOSITORIES] = {"repositories", .keep = HULL_KEEP_APART},
	[HULL_DIRECTORY_LOCKS] = {"locks", .keep = HULL_KEEP_APART},
	[HULL_DIRECTORY_CHECKED] = {"checked", .keep = HULL_KEEP_RECENT},
	[HULL_DIRECTORY_DAMAGED] = {"damaged", .keep = HULL_KEEP_RECENT, .counted = true},
	[HULL_DIRECTORY_TMP] = {"tmp", .keep = HULL_KEEP_APART},
};

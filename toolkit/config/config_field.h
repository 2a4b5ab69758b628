// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "config/config.h"
#include "text/jsonpos.h"

/*
 * Within config/: reading JSON objects by tables of their fields. Each subject has its tables and
 * calls in a file of its own, all declared here: config_account.c, config_additions.c,
 * config_boot.c, config_check.c, config_directory.c, config_disk.c, config_errors.c, config_files.c,
 * config_network.c, config_packages.c, config_script.c, config_source.c, config_system.c.
 */

struct hull_config_reader {
	struct hull_image_config *c;
	const char *arch;
	const char
		*shown; /* the file that is being read, relative to the configuration's directory */
	struct hull_hash *digest;
	struct hull_index wanted; /* places of `wants` by what is asked for */
	int directory;		  /* of the configuration */
	bool allow_outside;	  /* of it, for files that are named */
	bool container_only;	  /* IsContainerImage */
	bool more_disks;	  /* than one, whose partitions are not known */
	bool asks_nothing; /* in an object with "Enable": false: what is not supported may be there */
	struct hull_strv *errors; /* see hull_config_note */
	size_t nleft;		  /* errors that are not in there */
	size_t read_bytes;	  /* of files in memory */
};

/* A value that a table cannot describe, or a check of one that it can. */
typedef int hull_config_read_fn(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
				void *into, struct hull_err *e);

enum hull_config_kind {
	HULL_FIELD_END,
	HULL_FIELD_STRING,  /* const char *, NULL for ""; `read` may check it */
	HULL_FIELD_CHOICE,  /* const char *, one of `choices`, NULL for "" */
	HULL_FIELD_BOOL,    /* bool */
	HULL_FIELD_NUMBER,  /* uint64_t, at most `max` */
	HULL_FIELD_STRINGS, /* struct hull_strv; `read` may check each */
	HULL_FIELD_OBJECT,  /* members by `fields` into the place at `offset` */
	HULL_FIELD_EACH,    /* an array: `read` for each element */
	HULL_FIELD_CALL,    /* `read` for the value */
	HULL_FIELD_NOTE,    /* nothing to do */
	HULL_FIELD_REFUSED, /* not supported: `reason` says why, or what to use */
};

struct hull_config_field {
	const char *name;
	enum hull_config_kind kind;
	size_t offset;
	hull_config_read_fn *read;
	const struct hull_config_field *fields;
	const char *reason;
	const char *const *choices; /* end with NULL; the first is "" */
	uint64_t max;
};

/*
 * Reads the members of an object. A name that starts with '_' is a comment; a name that is not in
 * the table is an error with near names; one that is but for its case gives a warning. null, false, 0, "",
 * [] and {} ask for nothing, nor does an object with "Enable": false. A member that is wrong is noted, and
 * the others are read.
 */
HULL_CHECKED int hull_config_object(struct hull_config_reader *r,
				    const struct hull_jsonpos_value *v,
				    const struct hull_config_field *fields, void *into,
				    struct hull_err *e);

/* The calls that tables name. */
hull_config_read_fn hull_config_disk, hull_config_system, hull_config_user, hull_config_group,
	hull_config_files, hull_config_network, hull_config_services, hull_config_identity,
	hull_config_container, hull_config_name, hull_config_path, hull_config_package,
	hull_config_package_list, hull_config_kernels, hull_config_pattern, hull_config_verity,
	hull_config_command_line, hull_config_mount, hull_config_post_script,
	hull_config_finalize_script;

/*
 * How all errors are found: what failed is put on the list, e is emptied, and reading goes on behind it. Who has
 * noted something returns -1 in the end, with e as it is then.
 */
void hull_config_note(struct hull_config_reader *r, struct hull_err *e);

/* True if there is anything on the list. */
bool hull_config_noted(const struct hull_config_reader *r);

/* A warning, with the place of the value or, of a member, its key. */
void hull_config_warn(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		      const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The member of an object, in any case. */
bool hull_config_member(const struct hull_jsonpos_value *object, const char *key,
			struct hull_jsonpos_value *out);

/* What Hull does not do, as people call it and what to do instead: of a type of artifact, a compression. NULL for
 * what nobody has heard of. */
const char *hull_config_unsupported_type(const char *type);
const char *hull_config_unsupported_compression(const char *compression);

/* Whether a file that is no JSON is a configuration in YAML. */
bool hull_config_is_yaml(const char *path);

/* A string; NULL with e set for anything else. */
HULL_CHECKED const char *hull_config_string(const struct hull_jsonpos_value *v, struct hull_err *e);

/* "path:line:column" of a value, in the arena. */
const char *hull_config_where(struct hull_config_reader *r, const struct hull_jsonpos_value *v);

/* "file:line" of a value, the file relative to the configuration's directory. */
const char *hull_config_origin(struct hull_config_reader *r, const struct hull_jsonpos_value *v);

/*
 * Opens a file that a value names, relative to the directory of the configuration: a regular file
 * within that directory, also where links lead, unless allow_outside. It is opened this once: what a
 * link leads to later does not count. *out_path, for messages, is in the arena.
 */
HULL_CHECKED int hull_config_open(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
				  const char *name, const char **out_path, struct hull_err *e);

/* The same of anything that has a name. */
HULL_CHECKED int hull_config_open_any(struct hull_config_reader *r,
				      const struct hull_jsonpos_value *v, const char *name,
				      const char **out_path, struct hull_err *e);

/* The same of a regular file, with its content, which is added to the digest; 0 or -1. */
HULL_CHECKED int hull_config_text(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
				  const char *name, const char **out_path, struct hull_buf *out,
				  struct hull_err *e);

/* Index of a string in a list that ends with NULL; else -1 and an error that says what is. */
HULL_CHECKED int hull_config_choice(const struct hull_jsonpos_value *v, const char *const *choices,
				    struct hull_err *e);

/* A number that may be written as a string ("1000"); -1 for "". */
HULL_CHECKED int hull_config_id(const struct hull_jsonpos_value *v, uint64_t max, int64_t *out,
				struct hull_err *e);

/* The array with an item of zeros more. */
void *hull_config_more(void *array, size_t *n, size_t size);

/* The one of n names that is closest to a misspelt one, or NULL. */
const char *hull_config_near(const char *name, const char *const *names, size_t n);

/*
 * If a name is one of a directory: reads the files in it and below, in order of names, into memory, and calls
 * with each, by its path below the directory. 1, or 0 if it is none.
 */
typedef int hull_config_found_fn(struct hull_config_reader *r,
				 const struct hull_source_file *source, const char *below,
				 void *context, struct hull_err *e);
HULL_CHECKED int hull_config_directory(struct hull_config_reader *r,
				       const struct hull_jsonpos_value *v, const char *name,
				       hull_config_found_fn *call, void *context,
				       struct hull_err *e);

/* What has to fit together once all is read; what does not is noted. */
void hull_config_check(struct hull_config_reader *r, const struct hull_jsonpos_value *disk,
		       const struct hull_jsonpos_value *system);

// SPDX-License-Identifier: MIT
#include "tree/capability.h"

#include <linux/capability.h>
#include <sys/capability.h>

#include "base/bytes.h"

_Static_assert(sizeof(struct vfs_cap_data) == HULL_CAPABILITY_BYTES, "version 2");

static uint64_t bits(cap_t caps, cap_flag_t flag)
{
	uint64_t set = 0;

	/* Up to what this program knows: "all" is then the same under every kernel. */
	for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++) {
		cap_flag_value_t on = CAP_CLEAR;

		if (cap_get_flag(caps, i, flag, &on) == 0 && on == CAP_SET)
			set |= UINT64_C(1) << i;
	}
	return set;
}

int hull_capability_encode(const char *text, uint8_t out[HULL_CAPABILITY_BYTES], struct hull_err *e)
{
	cap_t caps = cap_from_text(text);
	uint64_t effective, permitted, inheritable;

	if (!caps)
		return hull_fail(e, HULL_FAILED, "'%s' are no file capabilities", text);
	effective = bits(caps, CAP_EFFECTIVE);
	permitted = bits(caps, CAP_PERMITTED);
	inheritable = bits(caps, CAP_INHERITABLE);
	cap_free(caps);
	if (effective && effective != (permitted | inheritable))
		return hull_fail(e, HULL_FAILED,
				 "capabilities '%s': a file has all or none of them effective",
				 text);
	hull_put_le32(out, VFS_CAP_REVISION_2 | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0));
	hull_put_le32(out + 4, (uint32_t)permitted);
	hull_put_le32(out + 8, (uint32_t)inheritable);
	hull_put_le32(out + 12, (uint32_t)(permitted >> 32));
	hull_put_le32(out + 16, (uint32_t)(inheritable >> 32));
	return 0;
}

static void set_bits(cap_t caps, cap_flag_t flag, uint64_t set)
{
	for (cap_value_t i = 0; i < 64; i++)
		if (set >> i & 1)
			cap_set_flag(caps, flag, 1, &i, CAP_SET);
}

const char *hull_capability_text(const void *value, size_t n, struct hull_arena *a)
{
	const uint8_t *p = value;
	uint32_t head = n >= 4 ? hull_get_le32(p) : 0, version = head & VFS_CAP_REVISION_MASK;
	size_t size = version == VFS_CAP_REVISION_1   ? XATTR_CAPS_SZ_1
		      : version == VFS_CAP_REVISION_2 ? XATTR_CAPS_SZ_2
		      : version == VFS_CAP_REVISION_3 ? XATTR_CAPS_SZ_3
						      : 0;
	uint64_t permitted, inheritable;
	const char *out;
	char *text;
	cap_t caps;

	if (!size || n != size)
		return "malformed";
	permitted = hull_get_le32(p + 4);
	inheritable = hull_get_le32(p + 8);
	if (size > XATTR_CAPS_SZ_1) {
		permitted |= (uint64_t)hull_get_le32(p + 12) << 32;
		inheritable |= (uint64_t)hull_get_le32(p + 16) << 32;
	}
	caps = cap_init();
	if (!caps)
		return "malformed";
	set_bits(caps, CAP_PERMITTED, permitted);
	set_bits(caps, CAP_INHERITABLE, inheritable);
	if (head & VFS_CAP_FLAGS_EFFECTIVE)
		set_bits(caps, CAP_EFFECTIVE, permitted | inheritable);
	text = cap_to_text(caps, NULL);
	out = !text ? "malformed"
	      : size == XATTR_CAPS_SZ_3
		      ? hull_arena_printf(a, "%s rootid=%u", text, hull_get_le32(p + 20))
		      : hull_arena_strdup(a, text);
	cap_free(text);
	cap_free(caps);
	return out;
}

/* utf8 - see the header. Overlong forms, surrogates and numbers beyond 0x10ffff are not well-formed. */
#include "runtime/term/utf8.h"

size_t utf8_read(const char *text, size_t n, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = (const uint8_t *) text;
	size_t bytes = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
	if (bytes == 0 || bytes > n)
		return 0;
	uint32_t c = bytes == 1 ? at[0] : at[0] & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	*character = c;
	return c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : bytes;
}

bool utf8_is_valid(const char *text, size_t n)
{
	uint32_t character;
	for (size_t i = 0, bytes; i < n; i += bytes)
		if (!(bytes = utf8_read(text + i, n - i, &character)))
			return false;
	return true;
}

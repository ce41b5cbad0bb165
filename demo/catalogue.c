#include "demo/catalogue.h"

#include <string.h>

#define DEMOS(DEMO) \
	DEMO(shop) \
	DEMO(header_keeper) \
	DEMO(switchboard) \
	DEMO(mailbag)

#define DEMO(name) extern const struct application demo_##name;
DEMOS(DEMO)
#undef DEMO

const struct application *const demo_catalogue[] = {
#define DEMO(name) &demo_##name,
	DEMOS(DEMO)
#undef DEMO
};
const size_t demo_catalogue_count = ARRAY_COUNT(demo_catalogue);

const struct application *demo_find(const char *name)
{
	for (size_t i = 0; i < demo_catalogue_count; i++)
		if (strcmp(demo_catalogue[i]->name, name) == 0)
			return demo_catalogue[i];
	return NULL;
}

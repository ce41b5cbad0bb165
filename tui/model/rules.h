/*
 * rules - between the engine of the findings and the table of rules.
 */
#ifndef TUI_MODEL_RULES_H
#define TUI_MODEL_RULES_H

#include "tui/model/model_body.h"

#define FORGET_AFTER 3                  /* a finding goes after so many samples without its sign */

/* How strong a sign is: WEAK stays at watch; GROWS becomes sure when it has stood; PROVED is sure at once. */
enum strength { SIGN_WEAK, SIGN_GROWS, SIGN_PROVED };

extern const struct finding_rule rules_table[];
extern const size_t rules_count;

/* What a test says about whom. */
struct sign {
	enum strength strength;
	uint64_t pid, table;
	uint32_t application, group;
	uint64_t bytes;
	const char *subject;
};

/* Says it; the evidence is printed by the rest. Any number of signs a test. */
void findings_say(struct model *m, unsigned rule, const struct sign *sign, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif

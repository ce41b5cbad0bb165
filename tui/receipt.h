/*
 * receipt - what the last collection did, large enough for the back row: before, after, freed, promised, meaning.
 *
 * It lies over the lower right of the body, or over the upper right when the selected line would be hidden, until
 * the next key or for SESSION_RECEIPT_MS. The status line says the same in one line; L lists all receipts.
 */
#ifndef TUI_RECEIPT_H
#define TUI_RECEIPT_H

#include "tui/tab/session.h"

void receipt_draw(struct session *s, const struct layout *l, struct canvas *c);

#endif

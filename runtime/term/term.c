/* term - the one constant that terms point to. Its header is the word 0: a tuple without a body. */
#include "runtime/term/term.h"

const term term_empty_tuple_box[1] = { { 0 } };

_Static_assert(sizeof(term) == WORD_BYTES, "a term is one machine word");
_Static_assert(BOX_KIND_COUNT <= 16, "a header has four bits for the kind");
_Static_assert(BOX_TUPLE == 0, "the empty tuple's header is the word 0");

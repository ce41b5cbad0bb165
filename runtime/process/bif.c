/* bif - see the header. */
#include "runtime/process/bif.h"

#include "runtime/process/blob.h"

bool bif_binary_copy(struct process *p, uint8_t byte, size_t bytes, term *made)
{
	*made = blob_new_bif(p, NULL, bytes, byte);
	return true;
}

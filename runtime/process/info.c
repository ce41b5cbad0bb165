/* info - see the header. The one place that adds a process's figures up. */
#include "runtime/process/info.h"

#include <string.h>

#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

static void fill_vector(uint64_t v[GC_VECTOR - 1], const struct heap_figures *f, size_t fragments)
{
	const uint64_t values[GC_VECTOR - 1] = { f->block, f->used, f->high, f->old_block, f->old_used, f->stack, fragments,
		f->vheap, f->vheap_limit, f->old_vheap, f->old_vheap_limit };
	memcpy(v, values, sizeof values);
}

void process_info(const struct process *p, struct process_info *out)
{
	struct heap_figures f = heap_figures(&p->heap);
	struct queue_length queue = slot_queue(p->slot);
	size_t fragments = f.fragment + (p->flags & PROCESS_OFF_HEAP_QUEUE ? 0 : f.attached);
	*out = (struct process_info) {
		.memory = process_own_bytes(p) + queue.messages * MESSAGE_CHARGED_BYTES + queue.words * WORD_BYTES,
		.total_heap_words = f.block + f.old_block + fragments,
		.heap_words = f.block,
		.stack_words = f.stack,
		.queue_length = queue.messages,
		.reductions = atomic_load_explicit(&p->slot->reductions, memory_order_relaxed) + (uint64_t) (int64_t) (p->charged_from - p->budget),
		.minor_gcs = p->heap.b.body ? p->heap.b.body->minor_gcs : 0,
		.options = *heap_options(&p->heap),
	};
	fill_vector(out->gc, &f, fragments);
}

static void see_list(const struct off_heap *list, void (*see)(void *context, uint64_t bytes, uint64_t holders), void *context)
{
	for (const term *handle = list->first; handle; handle = (const term *) handle[REFC_NEXT].word) {
		const struct refc *payload = (const struct refc *) handle[REFC_PAYLOAD].word;
		if (!handle[REFC_FLAGS].word)
			see(context, payload->bytes, atomic_load_explicit(&payload->references, memory_order_relaxed));
	}
}

void process_info_binaries(const struct process *p, void (*see)(void *context, uint64_t bytes, uint64_t holders), void *context)
{
	const struct heap_body *body = p->heap.b.body;
	if (!body)
		return;
	see_list(&body->young, see, context);
	see_list(&body->old, see, context);
}

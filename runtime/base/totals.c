/* totals - see the header. */
#include "runtime/base/totals.h"

#include "runtime/base/mem.h"

struct world_memory world_memory(const struct world *w)
{
	struct world_memory m = {
		.unattributed = mem_charged(w->mem, CHARGE_UNATTRIBUTED),
		.atom = mem_charged(w->mem, CHARGE_ATOM), .atom_used = mem_charged(w->mem, CHARGE_ATOM_USED),
		.binary = mem_charged(w->mem, CHARGE_BINARY), .code = mem_charged(w->mem, CHARGE_CODE), .ets = mem_charged(w->mem, CHARGE_ETS),
	};
	m.processes = m.processes_used = mem_charged(w->mem, CHARGE_PROCESSES) + m.unattributed;
	m.system = m.atom + m.binary + m.code + m.ets;
	m.total = m.processes + m.system;
	return m;
}

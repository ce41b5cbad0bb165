/*
 * glossary - the sentence behind a word on the screen, for `?`.
 *
 * Columns explain themselves and findings too; here stand the words of the trade that are neither.
 */
#include "tui/model/columns.h"
#include "tui/model/findings.h"
#include "tui/model/util.h"

#include <string.h>
#include <strings.h>

static const struct { const char *word, *meaning; } words[] = {
	{ "sub-binary", "A piece of a binary: a pointer, an offset and a length. It keeps the whole parent alive; binary:copy "
		"ends that." },
	{ "refc binary", "A binary of more than 64 bytes. It lies outside all heaps and lives until its last handle is "
		"collected." },
	{ "heap binary", "A binary of at most 64 bytes. It lies in the heap and is copied with every message." },
	{ "virtual binary heap", "The refc bytes made since the last collection. Past its limit a collection runs, however "
		"small the heap." },
	{ "high-water mark", "Where the last collection ended. What lies below and survives again moves to the old heap." },
	{ "young heap", "Where terms are made. Minor collections look only here." },
	{ "old heap", "What survived two minor collections. Only a full sweep finds its garbage." },
	{ "minor collection", "Collects the young heap; survivors of the second one move to the old heap." },
	{ "full sweep", "Collects young and old heap together; what g does." },
	{ "fullsweep_after", "How many minor collections may pass before a full sweep; 65535 by default, so it may never "
		"come." },
	{ "hibernate", "Throws the stack away, sweeps fully and shrinks the heap to the word; the process sleeps until a "
		"message." },
	{ "heap fragment", "A piece of heap beside the block, for terms that came when it was full; the next collection takes "
		"it in." },
	{ "max_heap_size", "The heap at which a process is killed; blind to binaries and to queues outside the heap." },
	{ "mailbox", "Messages that arrived and wait. On the heap they are copied by each collection; it cannot free them." },
	{ "selective receive", "Looking for one message among many: all that stand before it are passed each time." },
	{ "back-pressure", "The receiver decides how much may be under way; without it a faster sender fills the mailbox." },
	{ "reduction", "The unit of work, about a function call. After 4000 of them another process has its turn." },
	{ "scheduler", "A thread that gives processes their turns." },
	{ "run queue", "Processes that could run and wait for a scheduler." },
	{ "supervisor", "A process that starts others and starts them again when they die." },
	{ "restart intensity", "How many restarts in how many seconds a supervisor bears before it gives up itself." },
	{ "orphan", "A process or table of no running application: nobody will end it." },
	{ "ets", "Tables outside all heaps. No collection touches them; they live until deleted or until their owner dies." },
	{ "owner", "The process whose death deletes the table." },
	{ "heir", "The process that gets the table when its owner dies." },
	{ "atom", "A name, made once and never freed. The table of atoms has an end." },
	{ "monitor", "A wish to hear of a death; both sides remember it until it fires or is taken back." },
	{ "link", "Dying together; both sides remember it." },
	{ "persistent term", "A term outside all heaps that is read without copying; replacing it is what costs." },
	{ "carrier", "A large piece of memory from the operating system that blocks are cut from; a survivor in it keeps all "
		"of it." },
	{ "rss", "What the operating system counts as resident: carriers, this program and its libraries." },
	{ "unattributed", "Process memory that stands in no row: timers and the like." },
	{ "attributed", "Own memory, plus the share of each binary held (its size divided by its holders), plus the tables "
		"owned." },
	{ "receipt", "What a collection or another act did: before and after, and what the numbers say." },
	{ "survey", "A read-only walk through a heap that counts what is live and what a sweep would free, and changes "
		"nothing." },
	{ "tombstone", "The row of a selected process that died: the last that was known, and why it ended." },
	{ "KiB", "1024 bytes." },
	{ "MiB", "1024 KiB." },
	{ "w", "Words of 8 bytes, the unit of heaps." },
	{ "dead references", "Verdict: The binaries were held by garbage only. Collecting freed them; it comes back unless "
		"something collects." },
	{ "dead old heap", "Verdict: The memory was garbage in the old heap. Lower fullsweep_after or hibernate." },
	{ "all live", "Verdict: Nothing to free. What is held is reachable: look who holds it, and why." },
	{ "grew", "Verdict: The collection made it larger, since queued messages moved into the heap. Empty the queue "
		"first." },
	{ "not process memory", "Verdict: The memory is in tables, timers or atoms. No collection can touch it." },
	{ "watch", "A finding whose sign is young or weak." },
	{ "sure", "A finding whose sign has stood for several samples, or that a survey has proved." },
};

static const char *explain_column(const char *word)
{
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
		size_t count;
		const struct column *all = columns_of((enum row_kind) kind, &count);

		for (size_t i = 0; i < count; i++)
			if (strcasecmp(all[i].key, word) == 0 || strcasecmp(all[i].title, word) == 0)
				return all[i].help;
	}
	return NULL;
}

static const char *explain_rule(const char *word)
{
	size_t count;
	const struct finding_rule *rules = findings_rules(&count);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(rules[i].name, word) == 0 || (rules[i].letter == word[0] && !word[1]))
			return rules[i].sentence;
	return NULL;
}

const char *columns_explain(const char *word)
{
	const char *found;

	for (size_t i = 0; i < UTIL_LENGTH(words); i++)
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].meaning;
	found = explain_rule(word);
	return found ? found : explain_column(word);
}

/*
 * refc_table - S13: the table is small, and what it keeps alive is not.
 *
 * A thumbnail cache keeps a hundred bytes of each picture in a table. A row is a key and a slice; ets:info counts
 * the words of the row, not the picture behind the slice. The writer that cut it has moved on: no process holds
 * anything.
 *
 *     <<thumb::binary-size(100), _::binary>> = picture
 *     :ets.insert(:thumbs, {id, thumb})
 *
 *      thumbs  {1, ▪} {2, ▪} {3, ▪} ...            a few words each
 *                  └──▶ [100 kB]                   in `binary`, held by a table
 *
 * Claim of the article: the listing of tables by memory; "info.memory" leaves out what rows refer to.
 *
 * The cure: copy the piece before the insert; rows that are there are replaced, some at a time.
 */
#include "demo/load.h"

enum { ROWS = KNOB_FIRST, SIZE, RATE };

#define PIECE_BYTES 100
#define REPLACED_AT_ONCE 20
#define DELETED_AT_ONCE 1000
#define TICK_US 20000

/* ---- thumb_owner: owns the table and does nothing else -------------------------------------------------- */

static enum next owner_init(struct process *p, term argument)
{
	(void) argument;
	table_new(p, app_name(p, "thumbs"), &(struct table_options) { .type = TABLE_SET, .access = TABLE_PUBLIC,
		.named = true });
	return server_started(p, ATOM(ok));
}

static const struct server_module thumb_owner = { .name = "thumb_owner", .init = owner_init };

/* ---- writer: {Last tick, Credit, Next, Replaced}; hibernates, so that it holds no picture ------------------ */

enum { LAST, CREDIT, NEXT, REPLACED };

static void tick(struct process *p)
{
	uint64_t nap = load_nap_us(load_knob(p, RATE), 1);

	process_send_after(p, nap < TICK_US ? nap : TICK_US, process_self(p), ATOM(go));
}

static enum next writer_init(struct process *p, term argument)
{
	(void) argument;
	tick(p);
	return server_started(p, load_numbers(p, 4, (int64_t[]) { 0, 0, 0, 0 }));
}

static void insert_picture(struct process *p, int64_t key)
{
	size_t size = load_knob(p, SIZE);
	term picture = load_blob(p, size, 'j');
	term thumb = blob_match(p, &picture, 0, size_min(PIECE_BYTES, size), NULL, 0);

	if (load_fixed(p))
		thumb = blob_copy(p, thumb);
	table_insert(p, app_name(p, "thumbs"), load_tuple2(p, term_from_small((intptr_t) key), thumb));
}

/* The cure for the rows that are there: look up, copy, insert over. */
static void replace_row(struct process *p, int64_t key)
{
	term table = app_name(p, "thumbs"), found = table_lookup(p, table, term_from_small((intptr_t) key)), thumb;

	if (!term_is_cons(found))
		return;
	thumb = blob_copy(p, tuple_at(list_head(found), 1));
	table_insert(p, table, load_tuple2(p, term_from_small((intptr_t) key), thumb));
}

/* Keys go from 0 to rows-1; when `rows` was turned down, those beyond it go. */
static int64_t write_due(struct process *p, int64_t next, uint64_t due)
{
	int64_t rows = knob_get(p, ROWS);

	for (int i = 0; i < DELETED_AT_ONCE && next > rows; i++)
		table_delete_key(p, app_name(p, "thumbs"), term_from_small((intptr_t) --next));
	for (; due > 0 && next < rows && app_has_room(p, load_knob(p, SIZE)); due--)
		insert_picture(p, next++);
	return next;
}

static int64_t replace_some(struct process *p, int64_t replaced, int64_t next)
{
	if (!load_fixed(p))
		return 0;
	for (int i = 0; i < REPLACED_AT_ONCE && replaced < next; i++)
		replace_row(p, replaced++);
	return replaced;
}

static enum next writer_info(struct process *p, term message, term state)
{
	struct load_pace pace = { (uint64_t) load_number(state, LAST), (uint64_t) load_number(state, CREDIT) };
	int64_t next = load_number(state, NEXT), replaced = load_number(state, REPLACED);
	uint64_t due = load_due(p, &pace, load_knob(p, RATE), 1);
	bool busy = due > 0 || (load_fixed(p) && replaced < next);

	(void) message;
	tick(p);
	next = write_due(p, next, due);
	replaced = replace_some(p, replaced, next);
	state = load_numbers(p, 4, (int64_t[]) { (int64_t) pace.last_us, (int64_t) pace.credit, next, replaced });
	return busy ? server_hibernate(p, state) : server_noreply(p, state);
}

static const struct server_module writer = { .name = "writer", .init = writer_init, .handle_info = writer_info };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec thumbs_children[] = {
	{ .id = "thumb_owner", .registered = true, .server = &thumb_owner },
	{ .id = "writer", .registered = true, .server = &writer },
};
static const struct supervisor_spec thumbs_sup = {
	.name = "thumbs_sup", .strategy = ONE_FOR_ALL, .children = thumbs_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "rows", "", "pictures of which a piece is kept", 1, 10000, 1000, NULL },
	{ "size", "bytes", "one picture", 65, 1000000, 100000, NULL },
	{ "rate", "/s", "pictures", 1, 1000, 10, NULL },
};

static const struct card card = {
	.title = "a small table keeps large pictures alive",
	.claim = "List all ETS tables and their sizes.",
	.story = "A table keeps a hundred bytes of each picture, as a slice. The listing of tables says some "
		"kilobytes; the pictures count as binary, and no process holds one.",
	.tree = "thumbs_sup\n  thumb_owner             owns the table thumbs: the culprit\n"
		"  writer                  cuts, inserts, hibernates",
	.press = "3: binary climbs, ets does not. 2 B: nobody. 4: the column of binaries pinned by tables. G: "
		"nothing goes. x: rows are replaced, binary falls.",
	.see = "binary rises by a picture for each row; no process holds it, only the table does.",
	.cure = "binary:copy/1 before the insert, and over the rows that are there. A table is not collected: what "
		"a replaced row held goes at once.",
	.otp = ":ets.info(t, :memory) leaves it out; :ets.foldl(fn {_, b}, n -> n + :binary.referenced_byte_size(b) "
		"end, 0, t).",
	.gc_helps = "no",
	.culprit = "table thumbs",
	.finding = "ets-growth",
};

const struct application demo_refc_table = {
	.name = "refc_table", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &thumbs_sup, .card = &card,
	.is_demo = true,
};

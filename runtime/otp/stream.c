/*
 * stream - a source is a function that fills bytes in order; whole, blocks and lines are cut from it.
 *
 * Lines come out of a buffer of 64 KiB, as File.stream! reads ahead; each is a binary of its own. A split of a text that
 * is there as a whole gives slices of it, which keep all of it (copies up to 64 bytes).
 */
#include "runtime/otp/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/process/blob.h"
#include "runtime/process/scheduler.h"

#define AHEAD_BYTES 65536u
#define BYTES_A_REDUCTION 1024u
#define WORD_LETTERS 9u                 /* longest generated word */

struct stream {
	struct world *world;
	uint64_t bytes, offset;         /* in all; given to the buffer or out */
	int file;                       /* -1: generated */
	/* A generated text: words of small letters, a newline when the line is long enough. */
	struct random random;
	unsigned line_bytes, in_line, in_word;
	/* Read ahead. */
	size_t from, end;
	uint8_t ahead[AHEAD_BYTES];
};

/* Streams are opened by steps and by tests alike: they lie in the lane of outside threads. */
static struct stream *stream_new(struct world *w)
{
	struct scheduler *s = scheduler_enter_outside(w);
	struct stream *stream = mem_need(s->lane, MEM_SYSTEM, sizeof *stream);
	scheduler_leave_outside(s);
	memset(stream, 0, offsetof(struct stream, ahead));
	stream->world = w;
	stream->file = -1;
	return stream;
}

struct stream *stream_generate(struct world *w, uint64_t bytes, unsigned line_bytes, uint64_t seed)
{
	struct stream *s = stream_new(w);
	s->bytes = bytes;
	s->line_bytes = line_bytes ? line_bytes : 1;
	random_init(&s->random, seed);
	return s;
}

static term error_atom(struct world *w, int error)
{
	const char *text = error == ENOENT ? "enoent" : error == EACCES ? "eacces" : error == EISDIR ? "eisdir" : "eio";
	struct scheduler *s = scheduler_enter_outside(w);
	term atom = atom_make_z(w->atoms, s->lane, text);
	scheduler_leave_outside(s);
	return term_is_none(atom) ? ATOM(error) : atom;
}

struct stream *stream_file(struct world *w, const char *path, term *reason)
{
	struct stat stat;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode)) {
		*reason = error_atom(w, file < 0 ? errno : S_ISDIR(stat.st_mode) ? EISDIR : EIO);
		if (file >= 0)
			close(file);
		return NULL;
	}
	struct stream *s = stream_new(w);
	s->file = file;
	s->bytes = (uint64_t) stat.st_size;
	return s;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->file >= 0)
		close(stream->file);
	struct scheduler *s = scheduler_enter_outside(stream->world);
	mem_give(s->lane, MEM_SYSTEM, stream, sizeof *stream);
	scheduler_leave_outside(s);
}

uint64_t stream_bytes(const struct stream *s) { return s->bytes; }

/* ---- Filling ---------------------------------------------------------------------------------------------------- */

static uint8_t next_letter(struct stream *s)
{
	if (s->in_line + 1 >= s->line_bytes) {
		s->in_line = 0;
		return '\n';
	}
	s->in_line++;
	if (s->in_word == 0) {
		s->in_word = 2 + (unsigned) random_below(&s->random, WORD_LETTERS - 1);
		return s->in_line > 1 ? ' ' : 'a';
	}
	s->in_word--;
	return (uint8_t) ('a' + (random_next(&s->random) >> 33) % 26);
}

static size_t read_file(struct stream *s, uint8_t *to, size_t bytes)
{
	size_t got = 0;
	while (got < bytes) {
		ssize_t n = read(s->file, to + got, bytes - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t) n;
	}
	return got;
}

/* The next bytes of the source; fewer at its end, also when a file became shorter. */
static size_t fill(struct stream *s, uint8_t *to, size_t bytes)
{
	size_t wanted = size_min(bytes, s->bytes - s->offset), got = wanted;
	if (s->file >= 0)
		got = read_file(s, to, wanted);
	else
		for (size_t i = 0; i < wanted; i++)
			to[i] = next_letter(s);
	s->offset = got < wanted ? s->bytes : s->offset + got;
	return got;
}

/* What was read ahead first, then the source. */
static size_t take(struct stream *s, uint8_t *to, size_t bytes)
{
	size_t ahead = size_min(s->end - s->from, bytes);
	memcpy(to, s->ahead + s->from, ahead);
	s->from += ahead;
	return ahead + fill(s, to + ahead, bytes - ahead);
}

static uint64_t left(const struct stream *s) { return s->end - s->from + (s->bytes - s->offset); }

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static void charge(struct process *p, size_t bytes) { process_charge(p, (uint32_t) (1 + bytes / BYTES_A_REDUCTION)); }

term stream_read_block(struct process *p, struct stream *s, size_t bytes, term **live, size_t live_count)
{
	bytes = size_min(bytes, left(s));
	if (bytes == 0)
		return TERM_NONE;
	charge(p, bytes);
	term t = blob_new(p, NULL, bytes, 0, live, live_count);
	/* Nobody else has seen it yet: it may be written. */
	take(s, (uint8_t *) (uintptr_t) binary_data(t), bytes);
	return t;
}

term stream_read_all(struct process *p, struct stream *s, term **live, size_t live_count)
{
	return stream_read_block(p, s, left(s), live, live_count);
}

static void read_ahead(struct stream *s)
{
	memmove(s->ahead, s->ahead + s->from, s->end - s->from);
	s->end -= s->from;
	s->from = 0;
	s->end += fill(s, s->ahead + s->end, AHEAD_BYTES - s->end);
}

/* With its newline. A line longer than the buffer comes in pieces. */
term stream_read_line(struct process *p, struct stream *s, term **live, size_t live_count)
{
	const uint8_t *newline = memchr(s->ahead + s->from, '\n', s->end - s->from);
	if (!newline) {
		read_ahead(s);
		newline = memchr(s->ahead, '\n', s->end);
	}
	size_t bytes = newline ? (size_t) (newline - s->ahead) + 1 - s->from : s->end - s->from;
	if (bytes == 0)
		return TERM_NONE;
	charge(p, bytes);
	term line = blob_new(p, s->ahead + s->from, bytes, 0, live, live_count);
	s->from += bytes;
	return line;
}

/* *offset beyond the end: all is split; a text that ends in a newline has an empty last line, as binary:split says. */
term stream_split(struct process *p, term whole, size_t *offset, size_t limit, term list)
{
	size_t bytes = binary_bytes(whole);
	for (; limit > 0 && *offset <= bytes; limit--) {
		const uint8_t *from = binary_data(whole) + *offset, *newline = memchr(from, '\n', bytes - *offset);
		size_t length = newline ? (size_t) (newline - from) : bytes - *offset;
		struct builder *b = RESERVE(p, 2 + binary_slice_words(length), &whole, &list);
		term line = binary_slice(b, whole, *offset, length);
		list = build_cons(b, line, list);
		*offset += length + 1;
		charge(p, length);
	}
	return list;
}

/*
 * actor - the door for those who write actors: everything that runs on the runtime includes this and nothing else of it.
 *
 * From thin to thick: raw steps (process.h), programs that sleep and receive (program.h), servers (server.h), trees
 * of them (supervisor.h, application.h). docs/actors.md walks from an empty file to an actor on the screen.
 */
#ifndef RUNTIME_ACTOR_H
#define RUNTIME_ACTOR_H

#include "runtime/memory/binary.h"
#include "runtime/memory/build.h"
#include "runtime/otp/application.h"
#include "runtime/otp/logger.h"
#include "runtime/otp/server.h"
#include "runtime/otp/stage.h"
#include "runtime/otp/stream.h"
#include "runtime/otp/supervisor.h"
#include "runtime/process/blob.h"
#include "runtime/process/info.h"
#include "runtime/process/persistent.h"
#include "runtime/process/process.h"
#include "runtime/process/program.h"
#include "runtime/process/table.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "runtime/term/text.h"

#endif

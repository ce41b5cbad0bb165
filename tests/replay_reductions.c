/* replay_reductions - what an operation is charged. */
#include "tests/replay.h"

const struct op_table reduction_ops = { NULL, 0 };

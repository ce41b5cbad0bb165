# Servers, supervisors, applications. One module a line.
libruntime_a_SOURCES += %D%/application.h %D%/application.c
libruntime_a_SOURCES += %D%/logger.h %D%/logger.c
libruntime_a_SOURCES += %D%/otp.h %D%/otp.c
libruntime_a_SOURCES += %D%/server.h %D%/server.c
libruntime_a_SOURCES += %D%/stage.h %D%/stage.c
libruntime_a_SOURCES += %D%/stream.h %D%/stream.c
libruntime_a_SOURCES += %D%/supervisor.h %D%/supervisor.c
libruntime_a_SOURCES += %D%/supervisor_record.h %D%/supervisor_record.c

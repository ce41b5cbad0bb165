# Servers, supervisors, applications. One module a line.
libruntime_a_SOURCES += %D%/application.h
libruntime_a_SOURCES += %D%/logger.h
libruntime_a_SOURCES += %D%/server.h
libruntime_a_SOURCES += %D%/stage.h
libruntime_a_SOURCES += %D%/stream.h
libruntime_a_SOURCES += %D%/supervisor.h

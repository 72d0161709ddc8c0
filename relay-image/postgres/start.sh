#!/bin/sh
# Starts PostgreSQL on PGDATA, which is made first where it is empty.
#
#   PGDATA          folder of the data, inside of the mounted volume
#   PASSWORD_FILE   password of the role "livechannel", which owns the database "livechannel"
#
# Arguments go to the server. initdb itself runs its parts through /bin/sh, so that one is in the image in any case.
set -eu
umask 077

password=
IFS= read -r password < "$PASSWORD_FILE" || [ -n "$password" ]
case $password in
  '' | *[!A-Za-z0-9_-]*)
    echo "start.sh: the password in $PASSWORD_FILE must be letters, digits, - and _" >&2
    exit 2 ;;
esac

# The server alone, without the network; each line is a statement, and what it answers is not for a log.
say() { postgres --single -D "$PGDATA" -c log_min_messages=error -c log_min_error_statement=panic "$1" > /dev/null; }

# Written last: what a kill in the middle left behind is thrown away.
ready="$PGDATA/livechannel-ready"
if [ ! -e "$ready" ]; then
  rm -rf "$PGDATA"
  # Only who is in this pod reaches the socket; the network asks for the password (pg_hba.conf).
  initdb -D "$PGDATA" -U postgres -E UTF8 --locale=C.UTF-8 --data-checksums --no-instructions \
    --auth-local=trust --auth-host=scram-sha-256
  say postgres <<SQL
create role livechannel login
create database livechannel owner livechannel
SQL
  : > "$ready"
fi

# At every start: a Secret that was made anew, beside a volume that was kept, would lock everybody out.
say postgres <<SQL
alter role livechannel password '$password'
SQL

exec postgres -D "$PGDATA" "$@"

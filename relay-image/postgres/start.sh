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
say() { postgres --single -D "$1" -c log_min_messages=error -c log_min_error_statement=panic "$2" > /dev/null; }

# Made beside PGDATA and renamed when it is complete, so that a kill in the middle leaves nothing in PGDATA, and so that
# nothing that could be a database is ever deleted.
ready="$PGDATA/livechannel-ready"
new="$PGDATA.new"
if [ ! -e "$ready" ]; then
  for found in "$PGDATA"/* "$PGDATA"/.[!.]*; do
    [ -e "$found" ] || continue
    echo "start.sh: $PGDATA is not empty and has no livechannel-ready, so it may be another database: nothing was changed." >&2
    echo "start.sh: to use it, create the file $ready. To start with an empty database, move the folder away." >&2
    exit 2
  done
  rm -rf "$new"
  # Only who is in this pod reaches the socket; the network asks for the password (pg_hba.conf).
  initdb -D "$new" -U postgres -E UTF8 --locale=C.UTF-8 --data-checksums --no-instructions \
    --auth-local=trust --auth-host=scram-sha-256
  say "$new" postgres <<SQL
create role livechannel login
create database livechannel owner livechannel
SQL
  : > "$new/livechannel-ready"
  # Replaces an empty folder.
  mv -T "$new" "$PGDATA"
fi

# At every start: a Secret that was made anew, beside a volume that was kept, would lock everybody out.
say "$PGDATA" postgres <<SQL
alter role livechannel password '$password'
SQL

exec postgres -D "$PGDATA" "$@"

#!/usr/bin/env bash
# PostgreSQL and MariaDB for the tests: Debian's packages, throwaway data, on loopback only.
#
#   tests/servers.sh install            as root, once (or through sudo)
#   eval "$(tests/servers.sh start)"    starts both, and says where they are in PYBYZER_TEST_...
#   tests/servers.sh stop               stops what start in this shell has started, and removes its data
set -euo pipefail

# Each server runs as a user of its own: neither may run as root.
as() { if [ "$(id -u)" = 0 ]; then runuser -u "$1" -- "${@:2}"; else "${@:2}"; fi; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
password() { python3 -c 'import secrets; print(secrets.token_hex(8))'; }

install() {
    local admin=""
    [ "$(id -u)" = 0 ] || admin="sudo"
    # No cluster of the system's own: PostgreSQL's package would start one.
    $admin mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" | $admin tee /etc/postgresql-common/createcluster.conf > /dev/null
    $admin apt-get update -qq
    $admin env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends postgresql mariadb-server-core mariadb-client-core
}

start() {
    local home pg port secret
    home=$(mktemp -d /tmp/pybyzer-servers.XXXXXX)
    chmod 755 "$home"
    echo "export PYBYZER_TEST_SERVERS=$home"

    pg=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -1)
    port=$(free_port) secret=$(password)
    mkdir "$home/pg" && { [ "$(id -u)" != 0 ] || chown postgres "$home/pg"; }
    as postgres bash -c "
        '$pg/initdb' -D '$home/pg/data' -U byzer --pwfile=<(echo $secret) -A scram-sha-256 -E UTF8 &&
        '$pg/pg_ctl' -D '$home/pg/data' -l '$home/pg/log' -w start \
            -o '-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='" > "$home/pg.log" 2>&1
    echo "export PYBYZER_TEST_POSTGRESQL='jdbc:postgresql://127.0.0.1:$port/postgres?user=byzer&password=$secret'"

    port=$(free_port) secret=$(password)
    mkdir "$home/my" && { [ "$(id -u)" != 0 ] || chown nobody "$home/my"; }
    printf '%s;\n' "create database byzer" "create user byzer identified by '$secret'" "grant all on *.* to byzer" \
        > "$home/init.sql"
    as nobody mariadb-install-db --no-defaults --datadir="$home/my/data" --skip-test-db > "$home/my.log" 2>&1
    as nobody setsid mariadbd --no-defaults --datadir="$home/my/data" --port="$port" --bind-address=127.0.0.1 \
        --socket="$home/my/socket" --pid-file="$home/my/pid" --init-file="$home/init.sql" \
        > "$home/my/log" 2>&1 < /dev/null &
    for _ in $(seq 60); do
        mariadb --no-defaults -h127.0.0.1 -P"$port" -ubyzer -p"$secret" byzer -e "select 1" > /dev/null 2>&1 && break
        sleep 0.5
    done
    echo "export PYBYZER_TEST_MARIADB='jdbc:mariadb://127.0.0.1:$port/byzer?user=byzer&password=$secret'"
}

stop() {
    local home=${PYBYZER_TEST_SERVERS:?nothing was started in this shell} pid
    for pid in $(head -qn1 "$home/my/pid" "$home/pg/data/postmaster.pid" 2> /dev/null); do
        kill -TERM "$pid" 2> /dev/null || continue
        for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null && sleep 0.2 || break; done
        kill -KILL "$pid" 2> /dev/null || true
    done
    rm -rf "$home"
}

"$1"

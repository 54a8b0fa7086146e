#!/bin/sh
# Runs the broker with a password file joined from two: Felinar's own users (a secret) and the devices' (written by control from the
# database). When either changes, or a certificate does, the broker is told to read again: it then also disconnects those whose
# password is no longer theirs. Needs no database and no control process: with both gone, devices go on as they were.
set -eu

own=${FELINAR_BROKER_OWN_PASSWORDS:-/run/secrets/mqtt_own_passwords}
devices=${FELINAR_BROKER_DEVICE_PASSWORDS:-/var/lib/felinar/broker/passwords}
joined=${FELINAR_BROKER_JOINED_PASSWORDS:-/mosquitto/run/passwords}
acl=${FELINAR_BROKER_ACL:-/mosquitto/config/acl}
certificate=${FELINAR_BROKER_CERTIFICATE:-/run/secrets/mqtt_server_certificate}
configuration=${FELINAR_BROKER_CONFIGURATION:-/mosquitto/config/mosquitto.conf}
mosquitto=${FELINAR_BROKER_PROGRAM:-mosquitto}
every_s=${FELINAR_BROKER_LOOK_EVERY_S:-2}

umask 077
join() {
  cat "$own"
  # Absent until control has run for the first time.
  if [ -f "$devices" ]; then cat "$devices"; fi
}
fingerprint() { cat "$joined" "$certificate" | cksum; }

# The image's own can be read by everybody, which Mosquitto warns of and will refuse one day.
cat "$acl" > "${joined%/*}/acl"
join > "$joined.new"
mv "$joined.new" "$joined"
known=$(fingerprint)

"$mosquitto" -c "$configuration" &
broker=$!
trap 'kill -TERM "$broker" 2>/dev/null' TERM INT

while kill -0 "$broker" 2>/dev/null; do
  sleep "$every_s" &
  wait $! || true
  # A file that cannot be read right now is looked at again in a moment: the broker keeps what it has.
  join > "$joined.new" 2>/dev/null || continue
  mv "$joined.new" "$joined"
  now=$(fingerprint)
  if [ "$now" != "$known" ]; then
    known=$now
    echo 'Passwords or certificate have changed: reading them again.' >&2
    kill -HUP "$broker" 2>/dev/null || true
  fi
done
wait "$broker"

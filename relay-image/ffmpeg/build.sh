#!/bin/sh
# Builds the minimal FFmpeg from Debian's source package (its security fixes included) and installs it under $1.
# Usage: build.sh DESTDIR, in a Debian build stage as root, beside configure.txt.
set -eu
destination=$1
here=$(cd "$(dirname "$0")" && pwd)

sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources
apt-get update
apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev make nasm

work=$(mktemp -d)
cd "$work"
# The sandbox user of apt may not enter a directory of root's.
apt-get source -o APT::Sandbox::User=root ffmpeg
cd ffmpeg-*/

sed -e 's/#.*//' "$here/configure.txt" | xargs ./configure
make -j"$(nproc)"
make install-progs DESTDIR="$destination"

mkdir -p "$destination/usr/share/doc/ffmpeg"
cp debian/copyright "$destination/usr/share/doc/ffmpeg/copyright"
rm -rf "$work"

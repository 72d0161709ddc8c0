#!/bin/sh
# Builds the minimal FFmpeg from Debian's source package (its security fixes included) and installs it under $1.
# Usage: build.sh DESTDIR, in a Debian build stage as root, beside configure.txt.
set -eu
destination=$1
here=$(cd "$(dirname "$0")" && pwd)

sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources
apt-get update
apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev make nasm pkg-config \
  libx264-dev libdav1d-dev zlib1g-dev

# Without the links to the shared ones, the linker takes the static libraries. Debian has no static dav1d: it comes
# along as a file.
rm /usr/lib/*-linux-gnu/libx264.so /usr/lib/*-linux-gnu/libz.so

work=$(mktemp -d)
cd "$work"
# The sandbox user of apt may not enter a directory of root's.
apt-get source -o APT::Sandbox::User=root ffmpeg
cd ffmpeg-*/

sed -e 's/#.*//' "$here/configure.txt" | xargs ./configure
make -j"$(nproc)"
make install-progs DESTDIR="$destination"
for library in /usr/lib/*-linux-gnu/libdav1d.so.6; do
  mkdir -p "$destination$(dirname "$library")"
  cp -L "$library" "$destination$library"
done

documents=$destination/usr/share/doc/ffmpeg
mkdir -p "$documents"
cp debian/copyright "$documents/copyright"
for library in x264 dav1d; do
  cp /usr/share/doc/lib$library-dev/copyright "$documents/copyright.$library"
done
cp /usr/share/doc/zlib1g-dev/copyright "$documents/copyright.zlib"
rm -rf "$work"

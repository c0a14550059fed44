# What the library is linked with, for this project and, installed, for those that use it. A program
# that migrates one engine needs the packages of that engine alone.
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)

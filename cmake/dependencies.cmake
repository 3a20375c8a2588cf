# Every library the project uses, all from Debian 12 (tools/setup installs them).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(RocksDB REQUIRED)  # RocksDB::rocksdb-shared; RocksDB::rocksdb is the static one.
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(PostgreSQL REQUIRED)  # libpq
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
if(KPI_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)  # Target: rapidcheck
endif()
if(KPI_BENCH)
  find_package(benchmark 1.7 REQUIRED)
endif()

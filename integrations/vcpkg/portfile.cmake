# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# A port for the tree that it lies in: vcpkg install fmemp --overlay-ports=integrations/vcpkg.
vcpkg_check_linkage(ONLY_STATIC_LIBRARY)
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}/integrations/cmake"
                      OPTIONS -DFMEMP_HOST_MALLOC=disabled)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME fmemp CONFIG_PATH lib/cmake/fmemp)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")

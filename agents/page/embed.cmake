# Makes a C file that holds the page's files, as they are when the program is built: the assembler takes their bytes in.
#   cmake -DOUT=FILE -DFILES=FILE;FILE... -P embed.cmake
set(text "/* Made by agents/page/embed.cmake. */\n#include \"agents/page/site.h\"\n\n")
set(table "")
set(number 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  if(folder MATCHES "^(words|views)$")
    set(name ${folder}/${name})
  endif()
  string(APPEND text "__asm__(\".section .rodata\\n.balign 16\\n.globl nrm_site_${number}, nrm_site_${number}_end\\n\"\n"
    "\t\"nrm_site_${number}: .incbin \\\"${file}\\\"\\nnrm_site_${number}_end: .byte 0\\n.previous\\n\");\n"
    "extern const uint8_t nrm_site_${number}[], nrm_site_${number}_end[];\n")
  string(APPEND table "\t{\"${name}\", nrm_site_${number}, nrm_site_${number}_end},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "${text}\nconst struct nrm_site_file nrm_site[] = {\n${table}\t{NULL, NULL, NULL},\n};\n")

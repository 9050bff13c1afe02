#include "CCatalogue.h"

// One line for each file of Schemas/layers; a test compares this list with the folder.
#define CATALOGUE(FILE)                                                                            \
  FILE(core) FILE(convolution) FILE(pooling) FILE(normalization) FILE(regularization)             \
  FILE(activation) FILE(recurrent) FILE(attention) FILE(merging) FILE(reshaping) FILE(image)       \
  FILE(blocks) FILE(training) FILE(pytorch)

static const unsigned char core[] = {
#embed "../../Schemas/layers/core.neural"
};
static const unsigned char convolution[] = {
#embed "../../Schemas/layers/convolution.neural"
};
static const unsigned char pooling[] = {
#embed "../../Schemas/layers/pooling.neural"
};
static const unsigned char normalization[] = {
#embed "../../Schemas/layers/normalization.neural"
};
static const unsigned char regularization[] = {
#embed "../../Schemas/layers/regularization.neural"
};
static const unsigned char activation[] = {
#embed "../../Schemas/layers/activation.neural"
};
static const unsigned char recurrent[] = {
#embed "../../Schemas/layers/recurrent.neural"
};
static const unsigned char attention[] = {
#embed "../../Schemas/layers/attention.neural"
};
static const unsigned char merging[] = {
#embed "../../Schemas/layers/merging.neural"
};
static const unsigned char reshaping[] = {
#embed "../../Schemas/layers/reshaping.neural"
};
static const unsigned char image[] = {
#embed "../../Schemas/layers/image.neural"
};
static const unsigned char blocks[] = {
#embed "../../Schemas/layers/blocks.neural"
};
static const unsigned char pytorch[] = {
#embed "../../Schemas/layers/pytorch.neural"
};
static const unsigned char training[] = {
#embed "../../Schemas/layers/training.neural"
};

const struct catalogue_file *catalogue_files(size_t *count) {
#define ENTRY(name) {#name ".neural", name, sizeof name},
  static const struct catalogue_file files[] = {CATALOGUE(ENTRY)};
  *count = sizeof files / sizeof files[0];
  return files;
}

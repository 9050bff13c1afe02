#include "allocated.h"

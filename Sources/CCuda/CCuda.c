#include "CCuda.h"

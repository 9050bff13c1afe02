-- Plugin managers run this file after they install or update the plugin.
require('neural').build()

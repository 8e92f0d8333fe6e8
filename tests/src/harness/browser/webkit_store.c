/* Put in front of WebKitGTK's function of this name: a driven MiniBrowser asks for a store that forgets, and gets one that lasts. */
#include <stdlib.h>

void *webkit_website_data_manager_new(const char *first_option, ...);
void *webkit_website_data_manager_new_ephemeral(void);

void *webkit_website_data_manager_new_ephemeral(void) {
    const char *folder = getenv("HUIXIAO_WEBSITE_DATA");
    return webkit_website_data_manager_new("base-data-directory", folder, "base-cache-directory", folder, (void *)0);
}

/* A management controller behind the ioctls of linux/ipmi.h, to be preloaded: so the kernel's own header says whether
 * the messages that Python packs are right. It answers "Get Power Reading" with 220 W, and all else with code C1h. */
#include <linux/ioctl.h>
#include <linux/ipmi.h>
#include <stdarg.h>
#include <string.h>

static unsigned char answer[32];
static unsigned short length;
static struct ipmi_msg asked;
static long number;

static int take(struct ipmi_req *request)
{
    static const unsigned char wanted[] = {0xdc, 1, 0, 0};
    static const unsigned char power[] = {0, 0xdc, 220, 0, 70, 0, 88, 2, 220, 0, 0x55, 0x34, 0x3b, 0x56, 0xe8, 3, 0, 0, 0x40};
    struct ipmi_system_interface_addr *address = (void *)request->addr;
    if (request->addr_len != sizeof *address || address->addr_type != IPMI_SYSTEM_INTERFACE_ADDR_TYPE ||
        address->channel != IPMI_BMC_CHANNEL || address->lun != 0)
        return -1;
    asked = request->msg;
    number = request->msgid;
    if (asked.netfn == 0x2c && asked.cmd == 2 && asked.data_len == 4 && !memcmp(asked.data, wanted, 4)) {
        memcpy(answer, power, length = sizeof power);
    } else {
        answer[0] = 0xc1;
        length = 1;
    }
    return 0;
}

static int give(struct ipmi_recv *into)
{
    if (into->msg.data_len < length || into->addr_len < sizeof(struct ipmi_system_interface_addr))
        return -1;
    into->recv_type = IPMI_RESPONSE_RECV_TYPE;
    into->msgid = number;
    into->msg.netfn = asked.netfn | 1;
    into->msg.cmd = asked.cmd;
    into->msg.data_len = length;
    memcpy(into->msg.data, answer, length);
    return 0;
}

int ioctl(int fd, unsigned long code, ...)
{
    va_list more;
    (void)fd;
    va_start(more, code);
    void *what = va_arg(more, void *);
    va_end(more);
    if (code == IPMICTL_SEND_COMMAND)
        return take(what);
    if (code == IPMICTL_RECEIVE_MSG_TRUNC)
        return give(what);
    return -1;
}
